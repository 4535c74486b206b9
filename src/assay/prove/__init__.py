"""What each data decision did to the model: ablations, learning curves, influence of rows."""
