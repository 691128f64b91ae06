"""Measurements on the machine at hand; no part of the service and no test."""
