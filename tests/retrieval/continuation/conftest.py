"""A small shop in three languages, to continue code from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.encoding.types import Encoder
from indexer.store import Store, StoreConfig
from indexer.store.storage import open_store
from retrieval.continuation.continuer import Continuer

from ..library import fill

REPO = "example.org/shop"

SHOP = {
    "shop/orders.py": '''"""Orders."""


class OrderStore:
    """Keeps orders in a table."""

    def find_order(self, number):
        """One order by number."""
        if number not in self.table:
            raise KeyError(f"no order {number}")
        order = self.table[number]
        self.log.info("found order %s", number)
        return order

    def delete_order(self, number):
        """Remove an order."""
        if number not in self.table:
            raise KeyError(f"no order {number}")
        for item in self.table[number].items:
            if item.reserved:
                item.release()
                self.stock.put_back(item)
        del self.table[number]
''',
    "shop/users.py": '''"""Users."""

API_TOKEN = "q7Rz81LmXv5TgB2nKd93WsYpEa64HcJu"


class UserStore:
    """Keeps users in a table."""

    def find_user(self, name):
        """One user by name."""
        if name not in self.table:
            raise KeyError(f"no user {name}")
        user = self.table[name]
        self.log.info("found user %s", name)
        return user

    def connect(self, host):
        """Open a connection."""
        session = self.pool.session(host)
        password = "hunter2hunter2"
        session.login(self.account, password)
        return session
''',
    "shop/ledger.py": '"""A ledger."""\n\n\nclass Ledger:\n    def print_ledger(self):\n        self.open()\n'
    + "".join(f'        self.write("line", {number})\n' for number in range(1, 32))
    + "        return self.pages\n",
    "cart/cart.go": """package cart

// Total sums up the prices.
func (c *Cart) Total(rate float64) (float64, error) {
	if len(c.items) == 0 {
		return 0, errEmpty
	}
	sum := 0.0
	for _, item := range c.items {
		if item.Price < 0 {
			return 0, errNegative
		}
		sum += item.Price * rate
	}
	return sum, nil
}
""",
    "web/cart.js": """function renderCart(cart, target) {
  const list = document.createElement('ul');
  for (const item of cart.items) {
    const row = document.createElement('li');
    row.textContent = `${item.name} ${item.price}`;
    list.appendChild(row);
  }
  target.replaceChildren(list);
}
""",
    "notes/cooking.pl": """sub cook {
    my ($dish) = @_;
    my $pot = Pot->new($dish);
    $pot->heat(90);
    return $pot;
}
""",
}


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Store]:
    """An embedded store with the shop in it. Only for reading: it is shared."""
    store = open_store(StoreConfig(tmp_path_factory.mktemp("shop") / "shard", encoder.dim, reserve_bytes=0))
    fill(store, REPO, SHOP, encoder)
    yield store
    store.close()


@pytest.fixture
def continuer(shop: Store, encoder: Encoder) -> Continuer:
    """Suggests out of the shop."""
    return Continuer(shop, encoder, REPO)
