"""Fine-tune small language models on data you can trust."""
