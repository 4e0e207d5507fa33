"""Query -> candidates -> fusion -> signals -> ranking -> hits."""
