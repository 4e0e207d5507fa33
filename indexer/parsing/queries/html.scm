; Elements have no names of their own: a page becomes blocks, cut between its elements.
