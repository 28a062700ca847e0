import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { queryClient } from './api/query';
import { giveStylesTheNonce } from './app/nonce';
import { PreferencesProvider } from './app/preferences';
import { Root } from './app/root';
import './app/base.css';

giveStylesTheNonce();
const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
createRoot(place).render(
	<QueryClientProvider client={queryClient}>
		<PreferencesProvider>
			<BrowserRouter>
				<Root />
			</BrowserRouter>
		</PreferencesProvider>
	</QueryClientProvider>,
);
