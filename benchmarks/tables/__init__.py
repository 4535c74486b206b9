"""The tables of `science_tables`: published experiments on data quality, run again on the published rows."""
