"""What devices say, as frozen data: the words that drivers, engine, records and screens share."""
