"""Elements that several pages use: forms, galleries, pickers of ions and files."""
