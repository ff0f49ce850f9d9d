"""How texts are cut and figures read, in Chinese and English; knows nothing of dialogue."""
