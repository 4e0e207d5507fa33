; Rules have no names of their own: a style sheet becomes blocks, cut between its rules.
