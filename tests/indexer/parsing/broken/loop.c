void walk(void)
{
    grid_item *item;
    FOR_ALL_ITEMS(item)
    {
	item->seen = 1;
    }
}

int after(void) { return 0; }
