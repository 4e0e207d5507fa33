[(if_statement) (elif_clause) (else_clause) (declaration_command) (list)] @inside
(variable_assignment name: (variable_name) @name) @variable
