; Only blocks at the top are definitions. The blocks inside them are settings.
(config_file (body (block . (identifier) @name . (block_start)) @definition.class))
(config_file (body (block . (identifier) @receiver . (string_lit) @name . (block_start)) @definition.class))
(config_file
  (body (block . (identifier) . (string_lit) @receiver . (string_lit) @name . (block_start)) @definition.class))
