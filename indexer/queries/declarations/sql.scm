(statement (create_table (column_definitions) @inside))
(column_definition name: (_) @name) @field
(statement (create_sequence (object_reference) @name) @variable)
