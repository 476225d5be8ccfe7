"""Paying by bank transfer: whose account, which reference, and the texts of the symbols that banking apps scan.

Everything here is worked out from plain values: no files, no clock, no settings.
"""
