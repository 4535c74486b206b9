"""Tuning a base model on a version's examples: whole readable loops, nothing masked, cut or lost in silence.

batches      which rows, in which order, how many answer tokens: the plan of a run
audit        before step 0: what is trained, what was cut, what would teach nothing
derived      every setting that effort, method or machine decide, with its reason
forward      rows -> logits at the answer's positions, over cached lower layers where the architecture allows it
weights      what a method trains: LoRA and its kin, whole weights, learnt positions
worth        is a run worth going on with, and its end worth keeping?
loop         steps, losses, validation, checkpoints
checkpoint   the run's folder: readable after a kill at any moment, resumed bit for bit
world        several processes, one model
tracking     TensorBoard, Trackio, MLflow, Weights & Biases
lora         fit(): from rows to an adapter on disk
"""
