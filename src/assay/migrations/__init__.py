"""Steps that bring a database of people's decisions up to date, run by Alembic."""
