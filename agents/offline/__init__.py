"""The offline model: answers the suite's questions by rules, exactly and free of charge."""
