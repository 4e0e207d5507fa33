; Patterns that JavaScript and TypeScript share.

; The names in a pattern are those of `const { title, size: width = 1, ...others } = options`.
(lexical_declaration "const"
  (variable_declarator name: [(identifier) @name (object_pattern) @names (array_pattern) @names]) @constant)
(lexical_declaration "let"
  (variable_declarator name: [(identifier) @name (object_pattern) @names (array_pattern) @names]) @variable)
(variable_declaration
  (variable_declarator name: [(identifier) @name (object_pattern) @names (array_pattern) @names]) @variable)
(export_statement declaration: [(lexical_declaration) (variable_declaration)] @inside)
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
