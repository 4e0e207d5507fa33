(function_item name: (_) @name) @definition.function
(macro_definition name: (_) @name) @definition.function
[
  (struct_item name: (_) @name)
  (enum_item name: (_) @name)
  (union_item name: (_) @name)
  (trait_item name: (_) @name)
  (impl_item type: (_) @name)
] @definition.class
