; Patterns that JavaScript and TypeScript share.

(call_expression function: (identifier) @name)
(call_expression function: (super) @name)
(call_expression function: (member_expression object: (_) @object
  property: [(property_identifier) (private_property_identifier)] @name))
(new_expression constructor: (identifier) @name)
(new_expression constructor: (member_expression object: (_) @object property: (_) @name))

((import_statement (import_clause (identifier) @local) source: (_) @module) (#set! imported "default"))
((import_statement (import_clause (namespace_import (identifier) @local)) source: (_) @module))
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @imported !alias))) source: (_) @module)
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @imported alias: (_) @local))) source: (_) @module)

; What a module passes on is found under its name here.
(export_statement (export_clause (export_specifier name: (_) @imported !alias)) source: (_) @module)
(export_statement (export_clause (export_specifier name: (_) @imported alias: (_) @local)) source: (_) @module)
((export_statement "*" source: (_) @module) (#set! imported "*"))
(export_statement (namespace_export (_) @local) source: (_) @module)
(export_statement !source (export_clause (export_specifier name: (_) @value alias: (_) @variable)))
((export_statement "default" value: (identifier) @value) (#set! variable "default"))
((export_statement "default" declaration: (_ name: (_) @value)) (#set! variable "default"))

(variable_declarator name: (identifier) @local
  value: (call_expression function: (identifier) @require arguments: (arguments . (string) @module)))
(variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @imported)
  value: (call_expression function: (identifier) @require arguments: (arguments . (string) @module)))
(variable_declarator name: (identifier) @local
  value: (await_expression (call_expression function: (import) arguments: (arguments . (string) @module))))
(variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @imported)
  value: (await_expression (call_expression function: (import) arguments: (arguments . (string) @module))))

(variable_declarator name: (identifier) @variable value: (_) @value)
(assignment_expression left: (_) @variable right: (_) @value)
(return_statement (_) @returned)
