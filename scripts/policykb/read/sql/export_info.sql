select key, value from kb_info
