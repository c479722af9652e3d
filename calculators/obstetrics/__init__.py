"""Obstetrics and fetal growth."""
