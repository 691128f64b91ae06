"""What engines were asked, kept in the database: for their limits, and for the metrics."""
