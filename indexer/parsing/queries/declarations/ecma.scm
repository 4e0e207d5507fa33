; Patterns that JavaScript and TypeScript share.

(lexical_declaration "const" (variable_declarator name: (identifier) @name) @constant)
(lexical_declaration "let" (variable_declarator name: (identifier) @name) @variable)
(variable_declaration (variable_declarator name: (identifier) @name) @variable)
(export_statement (lexical_declaration "const" (variable_declarator name: (identifier) @name) @constant))
(export_statement (lexical_declaration "let" (variable_declarator name: (identifier) @name) @variable))
(export_statement (variable_declaration (variable_declarator name: (identifier) @name) @variable))
((expression_statement
  (assignment_expression left: (member_expression object: (_) @word property: (_) @name)) @variable)
  (#set! among "exports module.exports"))

(class_declaration body: (class_body) @inside)
(export_statement (class_declaration body: (class_body) @inside))
(lexical_declaration (variable_declarator value: (class body: (class_body) @inside)))
(export_statement (lexical_declaration (variable_declarator value: (class body: (class_body) @inside))))
(export_statement value: (class body: (class_body) @inside))

; A class that is assigned under another name: `Wide.Part = class WidePart {...}`.
(expression_statement (assignment_expression right: (class name: (_) @name)) @class)
