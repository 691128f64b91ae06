"""Pages and feeds for publication. Pure: values in, bytes out."""
