"""Tests of portal.sandbox."""
