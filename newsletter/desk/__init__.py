"""What an operator asks and does at their desk, by the shell and by the pages alike: values in, values out."""
