[(if_statement) (block) (else_statement) (elseif_statement) (do_statement)] @inside
(variable_declaration (assignment_statement (variable_list name: (_) @name))) @variable
(variable_declaration (variable_list name: (_) @name)) @variable
(assignment_statement (variable_list name: [(identifier) (dot_index_expression)] @name)) @variable
