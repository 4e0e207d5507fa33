(statement (create_sequence (object_reference) @name) @variable)
