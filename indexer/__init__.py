"""Files -> symbols -> fragments -> vectors -> store. Imports no other package of Cornea."""
