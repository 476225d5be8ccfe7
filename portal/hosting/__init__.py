"""What hosts are told: the headers of every page, each host's own words for them, and which hosts are public."""
