"""How an older ledger becomes one of today: Alembic's steps, run by ``portal.adapters.ledger.versions`` alone."""
