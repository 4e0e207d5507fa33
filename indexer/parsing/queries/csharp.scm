[
  (method_declaration name: (_) @name body: (_))
  (constructor_declaration name: (_) @name)
  (local_function_statement name: (_) @name)
  (property_declaration name: (_) @name value: (arrow_expression_clause))
  (property_declaration name: (_) @name accessors: (accessor_list (accessor_declaration body: (_))))
  (event_declaration name: (_) @name accessors: (accessor_list (accessor_declaration body: (_))))
] @definition.function

((destructor_declaration name: (_) @name) @definition.function (#set! prefix "~"))
((operator_declaration operator: _ @name) @definition.function (#set! prefix "operator"))
((conversion_operator_declaration type: (_) @name) @definition.function (#set! prefix "operator "))
((indexer_declaration) @definition.function (#set! name "this"))
(accessor_declaration name: _ @name body: (_)) @definition.method

[
  (class_declaration name: (_) @name)
  (struct_declaration name: (_) @name)
  (record_declaration name: (_) @name)
  (interface_declaration name: (_) @name)
  (enum_declaration name: (_) @name)
] @definition.class
