"""The site as files that need no server: asks the real application for its pages and knows nothing of what they say."""
