"""Tuning a base model on a version's examples: whole readable loops, nothing masked, cut or lost in silence.

batches      which rows, in which order, how many answer tokens: the plan of a run
audit        before step 0: what is trained, what was cut, what would teach nothing
forward      rows -> logits at the answer's positions, over cached lower layers where the architecture allows it
checkpoint   the run's folder: readable after a kill at any moment, resumed bit for bit
weights      LoRA weights on the top layers of a model
lora         fit(): the loop
"""
