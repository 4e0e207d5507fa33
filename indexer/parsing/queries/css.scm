; Rules have no names of their own. A style sheet is split into blocks, between its rules.
