"""Accounts receivable as pure functions on frozen values: no I/O, no clock, standard library only."""
