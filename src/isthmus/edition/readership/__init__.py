"""How often each piece was opened: counted at the door without cookies or addresses, folded by day, shown as charts."""
