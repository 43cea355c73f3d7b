"""What knowledge is: records, their fields, vocabularies, dates and the status derived from events."""
