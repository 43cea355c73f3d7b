"""Official records and tables as proposed changes of the files under policies/."""
