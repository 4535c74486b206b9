"""Base models, their tokenisers and chat templates, adapters on disk, and the Speaker that answers with them.

    base      locate(name), load(name): where the weights came from, by sha256
    chat      messages -> token ids, the same for the trainer and the server; the fingerprint that proves it
    stack     a decoder run a slice of layers at a time; prompts that share a beginning share its computation
    trunk     outputs of the frozen lower layers, computed once a row
    seq2seq   an encoder-decoder (BART, T5), called as a decoder is
    begun     a decoder that begins with learnt positions: prompt and prefix tuning
    adapter   an adapter folder: PEFT weights + tokeniser + assay.json; never a pickle
    tree      several options read in one pass
    parallel  independent pieces of work on all cores, the same to the last bit on any number of them
    speaker   writes answers greedily, and scores given options

Importing this package imports no torch: the functions do, where they need it.
"""
