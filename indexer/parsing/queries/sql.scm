[
  (create_function (object_reference) @name)
  (create_procedure (object_reference) @name)
  (create_trigger (object_reference) @name)
] @definition.function
[
  (create_table [(keyword_table) (keyword_exists)] . (object_reference) @name)
  (create_view [(keyword_view) (keyword_exists)] . (object_reference) @name)
  (create_materialized_view [(keyword_view) (keyword_exists)] . (object_reference) @name)
  (create_type (object_reference) @name)
] @definition.class
