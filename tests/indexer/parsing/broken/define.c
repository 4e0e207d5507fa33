#define ITEM(a) \
   item_of(a)

DEFINE_TYPE (Item, item, TYPE_OBJECT)

static void
item_init (Item *self)
{
  self->count = 1;
}
