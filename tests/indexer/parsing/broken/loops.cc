void Walk::all() {
    foreach (const Item &item, items) {
        use(item);
    }
    FOR_EACH(it, items) {
        use(it);
    }
}

Walk::Walk(int start) : start(start) { }
