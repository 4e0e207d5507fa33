static inline unsigned int
__attribute ((always_inline)) internal_function
state_of (const char *text, int at)
{
  return text[at];
}

static int
internal_function __attribute ((pure))
size_at (const char *text, int at)
{
  return at;
}

static tree_t *
dup_op (tree_t *elem, text_t *pattern)
{
  if (elem == 0)
    return 0;
  return elem;
}

static error_t
internal_function
build_range (set_t set, const char *first)
{
  return 1;
}

int after (void) { return 0; }

static error_t
internal_function
#ifdef WIDE
range_end (set_t set, wide_t last)
#else
range_end (set_t set, char last)
#endif
{
  return 1;
}
