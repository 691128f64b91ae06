"""bioRxiv and medRxiv: papers that are posted on any day."""
