"""Understanding: from what was typed to what is asked, or why it is refused."""
