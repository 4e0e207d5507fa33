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

; Destructured: `const { title, size: width = 1, ...others } = options`, `let [first] = pair`.
(lexical_declaration "const" (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @constant)
(export_statement (lexical_declaration "const" (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @constant))
(lexical_declaration "let" (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @variable)
(export_statement (lexical_declaration "let" (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @variable))
(variable_declaration (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @variable)
(export_statement (variable_declaration (variable_declarator name: [(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern value: (identifier) @name)
  (pair_pattern value: (assignment_pattern left: (identifier) @name))
  (object_assignment_pattern left: (_) @name)
  (rest_pattern (identifier) @name)
]) (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name) (rest_pattern (identifier) @name)])]) @variable))

(class_declaration body: (class_body) @inside)
(export_statement (class_declaration body: (class_body) @inside))
(lexical_declaration (variable_declarator value: (class body: (class_body) @inside)))
(export_statement (lexical_declaration (variable_declarator value: (class body: (class_body) @inside))))
(export_statement value: (class body: (class_body) @inside))

; A class that is assigned under another name: `Wide.Part = class WidePart {...}`.
(expression_statement (assignment_expression right: (class name: (_) @name)) @class)
