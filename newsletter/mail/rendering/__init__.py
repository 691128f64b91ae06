"""From a digest or a letter to the words of a mail: MJML compiled once, cards kept, frames filled."""
