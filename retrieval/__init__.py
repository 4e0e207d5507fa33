"""Query -> candidates -> fusion -> features -> ranking -> hits."""
