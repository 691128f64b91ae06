"""The days that papers stand under."""
