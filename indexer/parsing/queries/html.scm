; Elements have no names of their own. A page is split into blocks, between its elements.
