; Patterns that JavaScript and TypeScript share.

[
  (function_declaration name: (_) @name)
  (generator_function_declaration name: (_) @name)
  (method_definition name: (_) @name)
] @definition.function

(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(assignment_expression
  left: (_) @name
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(pair
  key: (_) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function

; A function passed to a wrapper: debounce(function () {...}).
(variable_declarator
  name: (identifier) @name
  value: (call_expression
    arguments: (arguments [(arrow_function body: (statement_block)) (function_expression)]))) @definition.function

; Components, whose names begin with a capital: memo(() => ...), memo(forwardRef((props, ref) => ...)), styled.div`...`.
((variable_declarator
  name: (identifier) @name
  value: (call_expression
    arguments: [
      (template_string)
      (arguments [(arrow_function) (function_expression) (class)])
      (arguments (call_expression arguments: (arguments [(arrow_function) (function_expression) (class)])))
      (arguments (call_expression arguments: (arguments
        (call_expression arguments: (arguments [(arrow_function) (function_expression) (class)])))))
    ])) @definition.function
  (#match? @name "^[A-Z]"))

; Components that are not assigned to a variable: export default memo(function Name() {...}).
(export_statement "default"
  value: (call_expression arguments: [
    (arguments [(function_expression name: (_) @name) (class name: (_) @name)])
    (arguments (call_expression arguments: (arguments [(function_expression name: (_) @name) (class name: (_) @name)])))
  ])) @definition.function
(export_statement "default" @name
  value: (call_expression arguments: [
    (arguments [(arrow_function body: (statement_block)) (function_expression !name)])
    (arguments (call_expression
      arguments: (arguments [(arrow_function body: (statement_block)) (function_expression !name)])))
  ])) @definition.function

(export_statement "default" @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(export_statement "default" @name value: (class)) @definition.class

(class_declaration name: (_) @name) @definition.class
(variable_declarator name: (identifier) @name value: (class)) @definition.class
(assignment_expression left: (_) @name right: (class)) @definition.class

; Objects. The name of an object qualifies the functions in the object.
(variable_declarator name: (identifier) @name value: (object)) @owner

; Anonymous functions and objects. The definitions inside a small one get no pieces of their own.
[(arrow_function) (function_expression)] @scope
(arguments (object) @scope)
