"""`cornea grep`: regular expressions over the text of all indexed files, in the order that a reader wants."""
